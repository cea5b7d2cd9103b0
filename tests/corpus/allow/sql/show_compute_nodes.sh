pre_upgrade() {
    $MYSQL_CMD -e 'SHOW COMPUTE NODES' || return 1
}
post_upgrade() {
    return 0
}
