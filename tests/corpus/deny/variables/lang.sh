# rule: HG210
pre_upgrade() {
    LANG=C
}
post_upgrade() {
    return 0
}
