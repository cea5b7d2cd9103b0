pre_upgrade() {
    $MYSQL_CMD -e 'ADMIN REPAIR TABLE sales.orders PARTITION (p1, p2)' || return 1
}
post_upgrade() {
    return 0
}
