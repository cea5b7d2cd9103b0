pre_upgrade() {
    tail -c 100 /tmp/x
}
post_upgrade() {
    return 0
}
