pre_upgrade() {
    printf '%(%F)T %s\n' -1 ~
}
post_upgrade() {
    return 0
}
