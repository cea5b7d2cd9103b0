# rule: HG202
pre_upgrade() {
    ls x
}
post_upgrade() {
    return 0
}
