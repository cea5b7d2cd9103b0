pre_upgrade() {
    $MYSQL_CMD -e 'SHOW PROC "/cluster_balance"' || return 1
}
post_upgrade() {
    return 0
}
