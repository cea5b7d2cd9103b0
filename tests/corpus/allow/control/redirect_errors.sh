pre_upgrade() {
    echo problem >&2
}
post_upgrade() {
    return 0
}
