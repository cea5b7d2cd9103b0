# rule: HG202
pre_upgrade() {
    hash x
}
post_upgrade() {
    return 0
}
