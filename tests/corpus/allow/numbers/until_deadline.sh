pre_upgrade() {
    local deadline=$((SECONDS + 60))
    while (( SECONDS < deadline )); do
        sleep 1
    done
}
post_upgrade() {
    return 0
}
