# rule: HG102
pre_upgrade() {
    while true; echo x; done
}
post_upgrade() {
    return 0
}
