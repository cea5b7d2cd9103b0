# rule: HG405
pre_upgrade() {
echo x | $MYSQL_CMD -e 'SHOW BACKENDS'
}
post_upgrade() {
    return 0
}
