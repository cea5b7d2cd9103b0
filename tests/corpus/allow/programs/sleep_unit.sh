pre_upgrade() {
    sleep 0.5
}
post_upgrade() {
    return 0
}
