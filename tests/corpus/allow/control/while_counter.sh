pre_upgrade() {
    local i=0
    while (( i < 3 )); do
        i=$((i + 1))
    done
}
post_upgrade() {
    return 0
}
