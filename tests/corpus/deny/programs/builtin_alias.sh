# rule: HG202
pre_upgrade() {
    alias x
}
post_upgrade() {
    return 0
}
