pre_upgrade() {
    timeout 10s grep -c x /tmp/y
}
post_upgrade() {
    return 0
}
