# rule: HG202
pre_upgrade() {
    fc x
}
post_upgrade() {
    return 0
}
