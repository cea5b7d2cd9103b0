# rule: HG202
pre_upgrade() {
    ./hook x
}
post_upgrade() {
    return 0
}
