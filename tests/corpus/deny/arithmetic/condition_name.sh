# rule: HG211
pre_upgrade() {
    local n="$1"; [[ n -eq 1 ]]
}
post_upgrade() {
    return 0
}
