# rule: HG206
pre_upgrade() {
    local "$1"
}
post_upgrade() {
    return 0
}
