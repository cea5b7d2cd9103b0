# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'SELECT * FROM hive.2024db.t'
}
post_upgrade() {
    return 0
}
