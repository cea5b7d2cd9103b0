pre_upgrade() {
    seq 1 2 9
}
post_upgrade() {
    return 0
}
