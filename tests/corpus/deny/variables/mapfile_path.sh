# rule: HG210
pre_upgrade() {
    mapfile PATH
}
post_upgrade() {
    return 0
}
