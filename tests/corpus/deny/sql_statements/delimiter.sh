# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'SELECT 1 delimiter //'
}
post_upgrade() {
    return 0
}
