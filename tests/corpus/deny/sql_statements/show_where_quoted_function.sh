# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'SHOW BACKENDS WHERE `abs`(1) = 1'
}
post_upgrade() {
    return 0
}
