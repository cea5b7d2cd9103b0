# rule: HG206
pre_upgrade() {
    local x
    mapfile -t x < /tmp/x
    local x="$1"
}
post_upgrade() {
    return 0
}
