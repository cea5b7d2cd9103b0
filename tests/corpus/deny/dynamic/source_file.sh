# rule: HG204
pre_upgrade() {
    source /tmp/x
}
post_upgrade() {
    return 0
}
