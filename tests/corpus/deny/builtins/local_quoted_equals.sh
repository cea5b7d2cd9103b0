# rule: HG206
pre_upgrade() {
    local v='1 PATH=/tmp/evil'
    local x"="$v
}
post_upgrade() {
    return 0
}
