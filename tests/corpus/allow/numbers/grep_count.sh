pre_upgrade() {
    local n
    n=$(echo a | grep -c a)
    (( n > 0 )) || return 1
}
post_upgrade() {
    return 0
}
