pre_upgrade() {
$MYSQL_CMD -e 'SHOW BACKENDS' | grep -c true
}
post_upgrade() {
    return 0
}
