pre_upgrade() {
    echo b | sort -u
}
post_upgrade() {
    return 0
}
