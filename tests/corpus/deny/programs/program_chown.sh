# rule: HG202
pre_upgrade() {
    chown x
}
post_upgrade() {
    return 0
}
