# rule: HG207
pre_upgrade() {
    head -n "$1" /tmp/x
}
post_upgrade() {
    return 0
}
