# rule: HG203
pre_upgrade() {
    /bin/da?e
}
post_upgrade() {
    return 0
}
