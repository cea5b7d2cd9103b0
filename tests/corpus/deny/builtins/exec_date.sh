# rule: HG206
pre_upgrade() {
    exec date
}
post_upgrade() {
    return 0
}
