# rule: HG404
pre_upgrade() {
    $MYSQL_CMD -e 'SELECT /*!1*/ 1' || return 1
}
post_upgrade() {
    return 0
}
