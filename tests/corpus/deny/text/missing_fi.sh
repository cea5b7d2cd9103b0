# rule: HG102
pre_upgrade() {
    if true; then echo x
}
post_upgrade() {
    return 0
}
