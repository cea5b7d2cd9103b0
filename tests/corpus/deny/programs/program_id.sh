# rule: HG202
pre_upgrade() {
    id x
}
post_upgrade() {
    return 0
}
