# rule: HG108
pre_upgrade() {
    trap 'echo failed' ERR
}
post_upgrade() {
    return 0
}
