# rule: HG202
pre_upgrade() {
    realpath x
}
post_upgrade() {
    return 0
}
