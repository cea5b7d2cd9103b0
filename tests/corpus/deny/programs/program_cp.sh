# rule: HG202
pre_upgrade() {
    cp x
}
post_upgrade() {
    return 0
}
