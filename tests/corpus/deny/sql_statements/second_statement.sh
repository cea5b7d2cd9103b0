# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'SHOW BACKENDS; TRUNCATE TABLE a' || return 1
}
post_upgrade() {
    return 0
}
