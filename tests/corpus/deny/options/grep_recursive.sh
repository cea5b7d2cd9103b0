# rule: HG207
pre_upgrade() {
    grep -r x /tmp
}
post_upgrade() {
    return 0
}
