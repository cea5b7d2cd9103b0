# rule: HG204
pre_upgrade() {
    builtin source /tmp/x
}
post_upgrade() {
    return 0
}
