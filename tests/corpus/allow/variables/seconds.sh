pre_upgrade() {
    local end=$((SECONDS + 5))
    echo "$end"
}
post_upgrade() {
    return 0
}
