# rule: HG207
pre_upgrade() {
    local limit
    limit=$(cat /tmp/limit)
    timeout $limit $MYSQL_CMD -e "SHOW BACKENDS"
}
post_upgrade() {
    return 0
}
