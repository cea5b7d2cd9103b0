# rule: HG202
pre_upgrade() {
    mv x
}
post_upgrade() {
    return 0
}
