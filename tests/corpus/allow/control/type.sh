pre_upgrade() {
    type mysql > /dev/null 2>&1
}
post_upgrade() {
    return 0
}
