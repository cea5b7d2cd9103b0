pre_upgrade() {
    echo a | wc -l
}
post_upgrade() {
    return 0
}
