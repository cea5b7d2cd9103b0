# rule: HG202
pre_upgrade() {
    enable x
}
post_upgrade() {
    return 0
}
