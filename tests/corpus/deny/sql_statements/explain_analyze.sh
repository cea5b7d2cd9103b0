# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'EXPLAIN ANALYZE SELECT 1' || return 1
}
post_upgrade() {
    return 0
}
