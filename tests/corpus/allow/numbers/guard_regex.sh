pre_upgrade() {
    local n="$1"
    [[ $n =~ ^[0-9]+$ ]] || return 1
    (( n > 5 ))
}
post_upgrade() {
    return 0
}
