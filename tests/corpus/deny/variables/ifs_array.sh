# rule: HG210
pre_upgrade() {
    IFS=(a b)
}
post_upgrade() {
    return 0
}
