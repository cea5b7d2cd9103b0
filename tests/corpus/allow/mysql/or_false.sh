pre_upgrade() {
    local rc=0
    $MYSQL_CMD -e 'ALTER SYSTEM CREATE IMAGE' || false || rc=1
    return "$rc"
}
post_upgrade() {
    return 0
}
