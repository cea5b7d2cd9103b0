pre_upgrade() {
    shift
    echo "$1"
}
post_upgrade() {
    return 0
}
