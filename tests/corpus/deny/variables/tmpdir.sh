# rule: HG210
pre_upgrade() {
    TMPDIR=/x
}
post_upgrade() {
    return 0
}
