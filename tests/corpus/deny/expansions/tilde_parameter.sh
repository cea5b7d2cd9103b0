# rule: HG213
pre_upgrade() {
    local x=~$1
}
post_upgrade() {
    return 0
}
