pre_upgrade() {
    $MYSQL_CMD -e 'DESC sales.orders' || return 1
}
post_upgrade() {
    return 0
}
