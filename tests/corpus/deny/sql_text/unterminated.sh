# rule: HG404
pre_upgrade() {
    $MYSQL_CMD -e 'SELECT "a' || return 1
}
post_upgrade() {
    return 0
}
