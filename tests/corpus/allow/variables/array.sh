pre_upgrade() {
    local -a list=(a b c)
    echo "${list[@]}" "${#list[@]}" "${list[0]}"
}
post_upgrade() {
    return 0
}
