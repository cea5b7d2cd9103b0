pre_upgrade() {
$MYSQL_CMD <<< 'SHOW BACKENDS'
}
post_upgrade() {
    return 0
}
