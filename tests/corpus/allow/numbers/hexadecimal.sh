pre_upgrade() {
    echo $((0x10 + 1))
}
post_upgrade() {
    return 0
}
