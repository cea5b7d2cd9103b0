pre_upgrade() {
    local a=1
    unset -v a
}
post_upgrade() {
    return 0
}
