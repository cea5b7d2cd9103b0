pre_upgrade() {
    local n
    n=$(grep -c x /tmp/log 2> /dev/null)
    (( n > 3 )) && return 1
    return 0
}
post_upgrade() {
    return 0
}
