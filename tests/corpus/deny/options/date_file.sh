# rule: HG207
pre_upgrade() {
    date -f /tmp/x
}
post_upgrade() {
    return 0
}
