# rule: HG202
pre_upgrade() {
    stat x
}
post_upgrade() {
    return 0
}
