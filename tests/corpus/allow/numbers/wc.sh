pre_upgrade() {
    local n
    n=$(echo a | wc -l)
    echo $(( n + 1 ))
}
post_upgrade() {
    return 0
}
