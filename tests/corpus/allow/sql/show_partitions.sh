pre_upgrade() {
    $MYSQL_CMD -e 'SHOW PARTITIONS FROM sales.orders' || return 1
}
post_upgrade() {
    return 0
}
