pre_upgrade() {
    $MYSQL_CMD -e 'SET query_timeout = 30' || return 1
}
post_upgrade() {
    return 0
}
