pre_upgrade() {
    date -u '+%Y-%m-%dT%H:%M:%SZ'
}
post_upgrade() {
    return 0
}
