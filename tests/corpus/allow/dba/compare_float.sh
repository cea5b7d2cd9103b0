pre_upgrade() {
    local ratio=0.5
    awk -v r="$ratio" 'BEGIN { exit !(r < 0.9) }' && echo fine
}
post_upgrade() {
    return 0
}
