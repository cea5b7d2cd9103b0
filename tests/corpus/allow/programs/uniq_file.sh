pre_upgrade() {
    uniq -c /tmp/x
}
post_upgrade() {
    return 0
}
