pre_upgrade() {
    { echo a; echo b; } > /tmp/out
}
post_upgrade() {
    return 0
}
