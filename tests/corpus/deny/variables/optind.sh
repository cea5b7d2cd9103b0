# rule: HG210
pre_upgrade() {
    OPTIND=1
}
post_upgrade() {
    return 0
}
