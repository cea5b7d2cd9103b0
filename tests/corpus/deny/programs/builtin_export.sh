# rule: HG202
pre_upgrade() {
    export x
}
post_upgrade() {
    return 0
}
