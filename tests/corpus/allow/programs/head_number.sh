pre_upgrade() {
    echo a | head -1
}
post_upgrade() {
    return 0
}
