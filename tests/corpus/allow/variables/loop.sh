pre_upgrade() {
    local name
    for name in a b; do echo "$name"; done
}
post_upgrade() {
    return 0
}
