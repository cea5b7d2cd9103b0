# rule: HG108
pre_upgrade() {
    trap 'echo x' 0
}
post_upgrade() {
    return 0
}
