pre_upgrade() {
    $MYSQL_CMD -e 'ADMIN SET FRONTEND CONFIG ("disable_balance"="true"); ADMIN SET FRONTEND CONFIG ("disable_colocate_balance"="true")' || return 1
}
post_upgrade() {
    return 0
}
