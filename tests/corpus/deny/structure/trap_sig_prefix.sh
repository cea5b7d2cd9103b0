# rule: HG108
pre_upgrade() {
    trap 'echo x' SIGTERM
}
post_upgrade() {
    return 0
}
