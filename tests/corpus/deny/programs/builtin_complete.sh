# rule: HG202
pre_upgrade() {
    complete x
}
post_upgrade() {
    return 0
}
