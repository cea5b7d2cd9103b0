pre_upgrade() {
    local n=3
    [[ $n -eq 3 ]] && echo three
}
post_upgrade() {
    return 0
}
