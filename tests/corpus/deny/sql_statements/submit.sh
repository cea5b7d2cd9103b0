# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'SUBMIT TASK AS SELECT 1' || return 1
}
post_upgrade() {
    return 0
}
