pre_upgrade() {
    echo a | grep -q a
}
post_upgrade() {
    return 0
}
