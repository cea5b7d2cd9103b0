# rule: HG405
pre_upgrade() {
$MYSQL_CMD -e 'SHOW BACKENDS' -e 'SHOW FRONTENDS'
}
post_upgrade() {
    return 0
}
