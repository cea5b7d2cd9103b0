pre_upgrade() {
    mapfile -t lines < /tmp/list
    echo "${#lines[@]}"
}
post_upgrade() {
    return 0
}
