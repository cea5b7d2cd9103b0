pre_upgrade() {
    echo 1 | awk '{ s += $1 } END { print s+0 }'
}
post_upgrade() {
    return 0
}
