# rule: HG202
pre_upgrade() {
    mkdir x
}
post_upgrade() {
    return 0
}
