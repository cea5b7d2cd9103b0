# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'SELECT * FROM 2hive.db.t'
}
post_upgrade() {
    return 0
}
