# rule: HG601
pre_upgrade() {
    $MYSQL_CMD -e 'ADMIN SET FRONTEND CONFIG ("disable_balance" = "true")' || [ 1 = 1 ]
}
post_upgrade() {
    return 0
}
