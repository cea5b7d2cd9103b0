pre_upgrade() {
    $MYSQL_CMD -e 'SELECT count(*) FROM information_schema.tables WHERE table_schema NOT IN ("sys")' || return 1
}
post_upgrade() {
    return 0
}
