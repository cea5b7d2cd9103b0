# rule: HG206
pre_upgrade() {
    printf '%5n' x
}
post_upgrade() {
    return 0
}
