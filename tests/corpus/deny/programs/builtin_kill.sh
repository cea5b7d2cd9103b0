# rule: HG202
pre_upgrade() {
    kill x
}
post_upgrade() {
    return 0
}
