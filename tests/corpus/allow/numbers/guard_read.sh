pre_upgrade() {
    local n
    read -r n < /tmp/x
    [[ $n =~ ^[0-9]+$ ]] || return 1
    for (( i = 0; i < n; i++ )); do :; done
}
post_upgrade() {
    return 0
}
