# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'ADMIN SET FRONTEND CONFIG ("disable_balance" = "true", "x" = "1")' || return 1
}
post_upgrade() {
    return 0
}
