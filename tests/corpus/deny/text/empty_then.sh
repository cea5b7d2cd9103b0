# rule: HG102
pre_upgrade() {
    if true; then fi
}
post_upgrade() {
    return 0
}
