# rule: HG202
pre_upgrade() {
    typeset x
}
post_upgrade() {
    return 0
}
