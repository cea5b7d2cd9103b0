# rule: HG211
pre_upgrade() {
    local n
    n=$(cat /tmp/a || true)
    (( n > 1 ))
}
post_upgrade() {
    return 0
}
