# rule: HG211
pre_upgrade() {
    local -A map
    map[a]=1
    local key
    for key in "${!map[@]}"; do echo "$((key + 1))"; done
}
post_upgrade() {
    return 0
}
