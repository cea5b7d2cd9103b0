# rule: HG206
pre_upgrade() {
    x=1; unset x
}
post_upgrade() {
    return 0
}
