pre_upgrade() {
    TZ=UTC date
}
post_upgrade() {
    return 0
}
