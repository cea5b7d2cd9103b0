pre_upgrade() {
    echo 5 | awk '{ printf "%d|%s\n", $1, "a > b" }'
}
post_upgrade() {
    return 0
}
