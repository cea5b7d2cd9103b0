# rule: HG108
pre_upgrade() {
    trap -p EXIT
}
post_upgrade() {
    return 0
}
