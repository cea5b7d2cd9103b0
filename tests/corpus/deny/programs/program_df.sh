# rule: HG202
pre_upgrade() {
    df x
}
post_upgrade() {
    return 0
}
