# rule: HG206
pre_upgrade() {
    unset -f helper
}
post_upgrade() {
    return 0
}
