# rule: HG108
pre_upgrade() {
    trap 'if' EXIT
}
post_upgrade() {
    return 0
}
