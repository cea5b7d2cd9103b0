# rule: HG202
pre_upgrade() {
    find-x x
}
post_upgrade() {
    return 0
}
