pre_upgrade() {
    timeout 5 sleep 1
}
post_upgrade() {
    return 0
}
