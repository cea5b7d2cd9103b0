pre_upgrade() {
    trap 'echo bye' EXIT INT TERM
}
post_upgrade() {
    return 0
}
