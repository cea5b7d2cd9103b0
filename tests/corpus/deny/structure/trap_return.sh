# rule: HG108
pre_upgrade() {
    trap 'echo x' RETURN
}
post_upgrade() {
    return 0
}
