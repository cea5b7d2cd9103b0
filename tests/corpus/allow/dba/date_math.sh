pre_upgrade() {
    local tomorrow
    tomorrow=$(date -u -d "tomorrow" +%F)
    echo "next window: $tomorrow"
}
post_upgrade() {
    return 0
}
