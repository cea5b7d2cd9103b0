# rule: HG207
pre_upgrade() {
    local limit
    limit=$(cat /tmp/limit)
    timeout -s KILL 5 $MYSQL_CMD -e "SHOW BACKENDS"
}
post_upgrade() {
    return 0
}
