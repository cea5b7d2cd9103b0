pre_upgrade() {
    local wait=5
    sleep "$wait"
    sleep "${wait}s"
}
post_upgrade() {
    return 0
}
