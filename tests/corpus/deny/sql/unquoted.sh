# rule: HG401
pre_upgrade() {
sql='SHOW BACKENDS'; $MYSQL_CMD -e $sql
}
post_upgrade() {
    return 0
}
