# rule: HG210
pre_upgrade() {
    getopts a PATH
}
post_upgrade() {
    return 0
}
