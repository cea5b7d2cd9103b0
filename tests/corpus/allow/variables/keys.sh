pre_upgrade() {
    local -a list=(a b)
    local i
    for i in "${!list[@]}"; do
        echo "${list[$i]}"
    done
}
post_upgrade() {
    return 0
}
