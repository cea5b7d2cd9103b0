# rule: HG303
pre_upgrade() {
    cat /tmpx/y
}
post_upgrade() {
    return 0
}
