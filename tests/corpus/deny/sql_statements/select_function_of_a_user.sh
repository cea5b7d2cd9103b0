# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'SELECT tidy_up(id) FROM sales.orders'
}
post_upgrade() {
    return 0
}
