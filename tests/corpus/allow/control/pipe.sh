pre_upgrade() {
    echo a | tr a b | cat
}
post_upgrade() {
    return 0
}
