pre_upgrade() {
    $MYSQL_CMD -e "SELECT * FROM information_schema.tables LIMIT 5"
    $MYSQL_CMD -e 'SELECT `TABLE_NAME`, ROUND(DATA_LENGTH/1024, 2) AS kb FROM information_schema.tables WHERE TABLE_SCHEMA NOT IN ("sys","information_schema") ORDER BY kb DESC'
}
post_upgrade() {
    return 0
}
