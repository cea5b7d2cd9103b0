pre_upgrade() {
    getopts 'ab:' flag
}
post_upgrade() {
    return 0
}
