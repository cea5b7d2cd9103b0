# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'SELECT ai_complete(note) FROM sales.orders'
}
post_upgrade() {
    return 0
}
