pre_upgrade() {
    local free=12345
    printf "free: %d KiB, %'d\n" "$free" "$free"
    echo "half: $((free / 2)), mod: $((free % 7))"
}
post_upgrade() {
    return 0
}
