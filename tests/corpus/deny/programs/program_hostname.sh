# rule: HG202
pre_upgrade() {
    hostname x
}
post_upgrade() {
    return 0
}
