# rule: HG207
pre_upgrade() {
    tail --pid=1 /tmp/x
}
post_upgrade() {
    return 0
}
