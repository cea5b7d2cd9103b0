# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'SELECT db.f(1)' || return 1
}
post_upgrade() {
    return 0
}
