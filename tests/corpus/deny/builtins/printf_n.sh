# rule: HG206
pre_upgrade() {
    printf '%n' x
}
post_upgrade() {
    return 0
}
