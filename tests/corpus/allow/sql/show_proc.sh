pre_upgrade() {
    $MYSQL_CMD -e 'SHOW PROC "/statistic"' || return 1
}
post_upgrade() {
    return 0
}
