# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'system id' || return 1
}
post_upgrade() {
    return 0
}
