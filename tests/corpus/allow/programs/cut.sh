pre_upgrade() {
    echo a:b | cut -d: -f2
}
post_upgrade() {
    return 0
}
