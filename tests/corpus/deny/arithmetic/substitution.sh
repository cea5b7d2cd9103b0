# rule: HG211
pre_upgrade() {
    local n; n=$(cat /tmp/x); echo $(( n ))
}
post_upgrade() {
    return 0
}
