# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'SHOW GRANTS' || return 1
}
post_upgrade() {
    return 0
}
