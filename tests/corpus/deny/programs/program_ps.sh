# rule: HG202
pre_upgrade() {
    ps x
}
post_upgrade() {
    return 0
}
