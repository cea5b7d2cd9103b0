# rule: HG213
pre_upgrade() {
    local x; x=a:~$(echo b)
}
post_upgrade() {
    return 0
}
