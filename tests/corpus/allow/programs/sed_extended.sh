pre_upgrade() {
    echo a | sed -E 's/(a|b)+/x/'
}
post_upgrade() {
    return 0
}
