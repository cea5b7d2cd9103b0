pre_upgrade() {
    echo a | head -n 5 | tail -n +2
}
post_upgrade() {
    return 0
}
