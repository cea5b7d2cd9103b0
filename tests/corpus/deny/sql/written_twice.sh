# rule: HG401
pre_upgrade() {
sql='SHOW BACKENDS'; sql='SHOW FRONTENDS'; $MYSQL_CMD -e "$sql"
}
post_upgrade() {
    return 0
}
