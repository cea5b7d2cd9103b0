# rule: HG210
pre_upgrade() {
    x=1 date
}
post_upgrade() {
    return 0
}
