pre_upgrade() {
$MYSQL_CMD -e "SHOW TABLES FROM sales LIKE 'a%'"
}
post_upgrade() {
    return 0
}
