pre_upgrade() {
    declare -A wanted=([balance]=true [colocate]=false)
    local key
    for key in "${!wanted[@]}"; do
        echo "$key=${wanted[$key]}"
    done
}
post_upgrade() {
    return 0
}
