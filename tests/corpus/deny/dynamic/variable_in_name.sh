# rule: HG203
pre_upgrade() {
    mys${x}ql x
}
post_upgrade() {
    return 0
}
