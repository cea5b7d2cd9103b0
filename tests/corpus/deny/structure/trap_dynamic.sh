# rule: HG108
pre_upgrade() {
    trap "$1" EXIT
}
post_upgrade() {
    return 0
}
