pre_upgrade() {
    echo a | grep -E '^(a|b)$'
}
post_upgrade() {
    return 0
}
