# rule: HG303
pre_upgrade() {
    cat x
}
post_upgrade() {
    return 0
}
