pre_upgrade() {
$MYSQL_CMD -e 'SHOW BACKENDS\G'
}
post_upgrade() {
    return 0
}
