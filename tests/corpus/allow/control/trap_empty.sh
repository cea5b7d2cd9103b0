pre_upgrade() {
    trap '' INT
}
post_upgrade() {
    return 0
}
