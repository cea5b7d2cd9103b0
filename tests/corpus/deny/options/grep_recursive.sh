# rule: HG207
pre_upgrade() {
    grep -r x /tmp/rows
}
post_upgrade() {
    return 0
}
