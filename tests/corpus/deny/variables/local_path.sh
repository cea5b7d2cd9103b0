# rule: HG210
pre_upgrade() {
    local PATH=/tmp
}
post_upgrade() {
    return 0
}
