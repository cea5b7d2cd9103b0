# rule: HG206
pre_upgrade() {
    printf -v x '%s' a
}
post_upgrade() {
    return 0
}
