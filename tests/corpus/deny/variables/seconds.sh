# rule: HG210
pre_upgrade() {
    SECONDS=0
}
post_upgrade() {
    return 0
}
