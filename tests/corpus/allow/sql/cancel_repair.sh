pre_upgrade() {
    $MYSQL_CMD -e 'ADMIN CANCEL REPAIR TABLE sales.orders' || return 1
}
post_upgrade() {
    return 0
}
