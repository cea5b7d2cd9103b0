# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'SHOW BACKENDS WHERE a IN (SELECT b FROM t)'
}
post_upgrade() {
    return 0
}
