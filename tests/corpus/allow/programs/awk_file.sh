pre_upgrade() {
    awk 'NR > 1' /tmp/x
}
post_upgrade() {
    return 0
}
