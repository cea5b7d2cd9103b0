pre_upgrade() {
    $MYSQL_CMD -e 'ALTER SYSTEM CREATE IMAGE' || return 1
}
post_upgrade() {
    return 0
}
