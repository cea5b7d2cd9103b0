pre_upgrade() {
    $MYSQL_CMD -e 'ADMIN SHOW FRONTEND CONFIG LIKE "disable_balance"' || return 1
}
post_upgrade() {
    return 0
}
