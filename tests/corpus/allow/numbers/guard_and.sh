pre_upgrade() {
    local n="$1"
    [[ $n =~ ^[0-9]+$ ]] && (( n > 5 )) && echo big
}
post_upgrade() {
    return 0
}
