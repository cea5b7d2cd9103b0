# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'SHOW PROC "/"' || return 1
}
post_upgrade() {
    return 0
}
