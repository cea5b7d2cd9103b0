pre_upgrade() {
    local start
    start=$(date +%s)
    sleep 1
    echo "took $(( $(date +%s) - start )) seconds"
}
post_upgrade() {
    return 0
}
