# rule: HG202
pre_upgrade() {
    dd x
}
post_upgrade() {
    return 0
}
