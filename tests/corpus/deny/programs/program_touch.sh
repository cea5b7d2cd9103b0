# rule: HG202
pre_upgrade() {
    touch x
}
post_upgrade() {
    return 0
}
