pre_upgrade() {
    dirname "$1"
}
post_upgrade() {
    return 0
}
