# rule: HG204
pre_upgrade() {
    eval 'echo x'
}
post_upgrade() {
    return 0
}
