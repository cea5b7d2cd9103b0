# rule: HG404
pre_upgrade() {
    $MYSQL_CMD -e 'SELECT @x' || return 1
}
post_upgrade() {
    return 0
}
