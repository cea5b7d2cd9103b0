pre_upgrade() {
$MYSQL_CMD -e 'SELECT 1' > /dev/null 2>&1
}
post_upgrade() {
    return 0
}
