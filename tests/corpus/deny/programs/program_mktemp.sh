# rule: HG202
pre_upgrade() {
    mktemp x
}
post_upgrade() {
    return 0
}
