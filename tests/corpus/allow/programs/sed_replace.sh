pre_upgrade() {
    echo a | sed 's/a/b/g'
}
post_upgrade() {
    return 0
}
