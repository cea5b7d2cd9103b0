pre_upgrade() {
    local n="$1"
    [ "$n" -ge 0 ] || return 1
    echo $(( n ))
}
post_upgrade() {
    return 0
}
