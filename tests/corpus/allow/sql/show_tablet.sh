pre_upgrade() {
    $MYSQL_CMD -e 'SHOW TABLET FROM sales.orders' || return 1
}
post_upgrade() {
    return 0
}
