# rule: HG210
pre_upgrade() {
    IFS=,
}
post_upgrade() {
    return 0
}
