pre_upgrade() {
    false
    local rc=$?
    (( rc == 0 )) || echo "$rc"
}
post_upgrade() {
    return 0
}
