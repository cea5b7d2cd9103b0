# rule: HG211
pre_upgrade() {
    local n
    n=$(grep -c a /tmp/a || cat /tmp/b)
    (( n > 1 ))
}
post_upgrade() {
    return 0
}
