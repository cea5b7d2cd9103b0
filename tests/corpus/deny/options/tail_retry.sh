# rule: HG207
pre_upgrade() {
    tail --retry /tmp/x
}
post_upgrade() {
    return 0
}
