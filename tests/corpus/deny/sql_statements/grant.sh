# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'GRANT ALL ON *.* TO a' || return 1
}
post_upgrade() {
    return 0
}
