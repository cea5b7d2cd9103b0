# rule: HG206
pre_upgrade() {
    local x=1
    [ "${x:+$@}" = y ]
}
post_upgrade() {
    return 0
}
