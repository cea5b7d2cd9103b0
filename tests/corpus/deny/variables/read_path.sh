# rule: HG210
pre_upgrade() {
    read PATH
}
post_upgrade() {
    return 0
}
