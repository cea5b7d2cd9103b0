# rule: HG202
pre_upgrade() {
    shopt x
}
post_upgrade() {
    return 0
}
