pre_upgrade() {
timeout 30 $MYSQL_CMD -e 'SELECT 1'
}
post_upgrade() {
    return 0
}
