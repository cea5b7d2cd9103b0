# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'ADMIN SET FRONTEND CONFIG ("enable_auth_check" = "false")' || return 1
}
post_upgrade() {
    return 0
}
