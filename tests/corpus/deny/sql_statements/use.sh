# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'USE sales' || return 1
}
post_upgrade() {
    return 0
}
