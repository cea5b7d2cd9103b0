# rule: HG207
pre_upgrade() {
    sed -s p /tmp/y
}
post_upgrade() {
    return 0
}
