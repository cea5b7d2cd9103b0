pre_upgrade() {
    local n="$1"
    if [ "$n" -gt 5 ]; then return 1; fi
}
post_upgrade() {
    return 0
}
