pre_upgrade() {
    echo a > /tmp/x
    echo b >> /tmp/x
    cat /tmp/x
}
post_upgrade() {
    return 0
}
