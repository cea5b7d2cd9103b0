# rule: HG207
pre_upgrade() {
    sleep forever
}
post_upgrade() {
    return 0
}
