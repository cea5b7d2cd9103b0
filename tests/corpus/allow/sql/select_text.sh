pre_upgrade() {
    $MYSQL_CMD -e 'SELECT "DROP TABLE; files(x) -- no"' || return 1
}
post_upgrade() {
    return 0
}
