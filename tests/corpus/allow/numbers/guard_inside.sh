pre_upgrade() {
    local n="$1"
    if [[ $n =~ ^[0-9]+$ && $n -gt 5 ]]; then
        echo big
    fi
}
post_upgrade() {
    return 0
}
