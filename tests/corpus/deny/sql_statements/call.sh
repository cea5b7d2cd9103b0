# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'CALL x()' || return 1
}
post_upgrade() {
    return 0
}
