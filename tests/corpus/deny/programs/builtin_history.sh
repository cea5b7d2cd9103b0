# rule: HG202
pre_upgrade() {
    history x
}
post_upgrade() {
    return 0
}
