pre_upgrade() {
    local IFS=,
    local list=(a b)
    echo "${list[*]}"
}
post_upgrade() {
    return 0
}
