# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'SELECT a AS sleep(1) FROM t'
}
post_upgrade() {
    return 0
}
