# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'SELECT * FROM TABLE(generate_series(1, 2))' || return 1
}
post_upgrade() {
    return 0
}
