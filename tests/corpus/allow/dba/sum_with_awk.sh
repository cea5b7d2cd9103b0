pre_upgrade() {
    $MYSQL_CMD -NBe "SHOW PROC '/statistic'" | awk -F"\t" '{ sum += $3 } END { printf "total: %d\n", sum }'
}
post_upgrade() {
    return 0
}
