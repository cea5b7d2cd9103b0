# rule: HG211
pre_upgrade() {
    local n="$1"; echo $(( n + 1 ))
}
post_upgrade() {
    return 0
}
