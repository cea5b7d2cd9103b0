# rule: HG204
pre_upgrade() {
    . /tmp/x
}
post_upgrade() {
    return 0
}
