pre_upgrade() {
    echo b a | LC_ALL=C sort
}
post_upgrade() {
    return 0
}
