# rule: HG202
pre_upgrade() {
    cd x
}
post_upgrade() {
    return 0
}
