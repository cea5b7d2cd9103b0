pre_upgrade() {
    echo a | cut -f 1,3
}
post_upgrade() {
    return 0
}
