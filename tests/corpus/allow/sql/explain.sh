pre_upgrade() {
    $MYSQL_CMD -e 'EXPLAIN SELECT 1' || return 1
}
post_upgrade() {
    return 0
}
