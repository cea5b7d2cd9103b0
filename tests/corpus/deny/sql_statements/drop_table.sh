# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'DROP TABLE a' || return 1
}
post_upgrade() {
    return 0
}
