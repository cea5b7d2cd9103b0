# rule: HG202
pre_upgrade() {
    wait x
}
post_upgrade() {
    return 0
}
