pre_upgrade() {
    $MYSQL_CMD -e 'SELECT count(*) FROM information_schema.tables_config WHERE properties LIKE "%replication_num%"'
}
post_upgrade() {
    return 0
}
