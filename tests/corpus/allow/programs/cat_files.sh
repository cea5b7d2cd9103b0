pre_upgrade() {
    cat /tmp/a /tmp/b - < /dev/null
}
post_upgrade() {
    return 0
}
