pre_upgrade() {
    $MYSQL_CMD -e 'ADMIN SHOW REPLICA DISTRIBUTION FROM sales.orders' || return 1
}
post_upgrade() {
    return 0
}
