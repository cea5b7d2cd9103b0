pre_upgrade() {
    true && echo a || return 1
}
post_upgrade() {
    return 0
}
