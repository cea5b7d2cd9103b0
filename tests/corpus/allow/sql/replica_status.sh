pre_upgrade() {
    $MYSQL_CMD -e 'ADMIN SHOW REPLICA STATUS FROM sales.orders WHERE STATUS != "OK"' || return 1
}
post_upgrade() {
    return 0
}
