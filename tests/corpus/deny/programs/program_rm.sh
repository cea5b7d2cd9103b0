# rule: HG202
pre_upgrade() {
    rm x
}
post_upgrade() {
    return 0
}
