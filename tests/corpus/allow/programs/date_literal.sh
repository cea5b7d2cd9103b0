pre_upgrade() {
    date -d '1 hour ago' +%s
}
post_upgrade() {
    return 0
}
