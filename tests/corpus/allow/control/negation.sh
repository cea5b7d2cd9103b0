pre_upgrade() {
    ! false
}
post_upgrade() {
    return 0
}
