pre_upgrade() {
    (( $# > 0 )) || return 1
}
post_upgrade() {
    return 0
}
