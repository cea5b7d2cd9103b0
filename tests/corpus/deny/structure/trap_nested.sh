# rule: HG108
pre_upgrade() {
    trap "trap 'echo x' ERR" EXIT
}
post_upgrade() {
    return 0
}
