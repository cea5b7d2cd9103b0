# rule: HG404
pre_upgrade() {
    $MYSQL_CMD -e 'SELECT /*M! 1 */ 2' || return 1
}
post_upgrade() {
    return 0
}
