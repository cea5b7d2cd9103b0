# rule: HG206
pre_upgrade() {
    set -- a b
}
post_upgrade() {
    return 0
}
