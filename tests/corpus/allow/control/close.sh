pre_upgrade() {
    exec 3> /tmp/x
    echo a >&3
    exec 3>&-
}
post_upgrade() {
    return 0
}
