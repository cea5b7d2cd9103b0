# rule: HG405
pre_upgrade() {
echo 'SHOW BACKENDS' | $MYSQL_CMD
}
post_upgrade() {
    return 0
}
