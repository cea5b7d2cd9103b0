# rule: HG207
pre_upgrade() {
    date -r /tmp/x
}
post_upgrade() {
    return 0
}
