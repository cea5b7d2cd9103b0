pre_upgrade() {
    basename "$1" .txt
}
post_upgrade() {
    return 0
}
