# rule: HG108
pre_upgrade() {
    trap 'echo x' DEBUG
}
post_upgrade() {
    return 0
}
