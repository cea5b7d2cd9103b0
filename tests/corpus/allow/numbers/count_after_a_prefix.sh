pre_upgrade() {
    local n
    n=$(echo b a | LC_ALL=C sort | wc -l)
    echo $(( n + 1 ))
}
post_upgrade() {
    return 0
}
