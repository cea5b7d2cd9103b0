# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'SELECT * FROM hive.a.b' || return 1
}
post_upgrade() {
    return 0
}
