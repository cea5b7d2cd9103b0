pre_upgrade() {
    local list=()
    list+=(a)
    list+=(b)
    echo "${list[*]}"
}
post_upgrade() {
    return 0
}
