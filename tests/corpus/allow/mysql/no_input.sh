pre_upgrade() {
$MYSQL_CMD -e 'SELECT 1' < /dev/null
}
post_upgrade() {
    return 0
}
