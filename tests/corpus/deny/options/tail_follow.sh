# rule: HG207
pre_upgrade() {
    tail -f /tmp/x
}
post_upgrade() {
    return 0
}
