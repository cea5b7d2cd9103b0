# rule: HG204
pre_upgrade() {
    command eval x
}
post_upgrade() {
    return 0
}
