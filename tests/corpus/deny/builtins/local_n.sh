# rule: HG206
pre_upgrade() {
    local -n r=x
}
post_upgrade() {
    return 0
}
