pre_upgrade() {
    grep -A 2 -B1 -m 5 x /tmp/y
}
post_upgrade() {
    return 0
}
