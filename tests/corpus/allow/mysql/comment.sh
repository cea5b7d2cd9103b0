pre_upgrade() {
$MYSQL_CMD -e 'SELECT 1 -- one'
}
post_upgrade() {
    return 0
}
