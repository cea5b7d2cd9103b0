# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'SELECT 2udf(1)'
}
post_upgrade() {
    return 0
}
