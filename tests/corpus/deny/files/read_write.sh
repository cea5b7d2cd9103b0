# rule: HG303
pre_upgrade() {
    exec 3<> /x
}
post_upgrade() {
    return 0
}
