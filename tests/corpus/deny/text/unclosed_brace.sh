# rule: HG102
pre_upgrade() {
    if true; then {
}
post_upgrade() {
    return 0
}
