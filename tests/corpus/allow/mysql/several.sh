pre_upgrade() {
$MYSQL_CMD -e 'SHOW BACKENDS; SHOW FRONTENDS;'
}
post_upgrade() {
    return 0
}
