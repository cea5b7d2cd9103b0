# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'ADMIN SHOW FRONTEND CONFIG' || return 1
}
post_upgrade() {
    return 0
}
