# rule: HG207
pre_upgrade() {
    timeout 5 rm-x /tmp/y
}
post_upgrade() {
    return 0
}
