pre_upgrade() {
    date --date='2024-01-01' +%s
}
post_upgrade() {
    return 0
}
