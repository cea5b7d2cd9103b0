# rule: HG206
pre_upgrade() {
    local x\=$1
}
post_upgrade() {
    return 0
}
