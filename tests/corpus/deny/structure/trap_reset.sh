# rule: HG108
pre_upgrade() {
    trap EXIT
}
post_upgrade() {
    return 0
}
