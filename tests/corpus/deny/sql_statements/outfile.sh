# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'SELECT 1 INTO OUTFILE "x"' || return 1
}
post_upgrade() {
    return 0
}
