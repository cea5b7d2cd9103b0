pre_upgrade() {
    $MYSQL_CMD -NBe "SHOW TABLES FROM db LIKE 't%'" | grep -q . || echo "no tables"
}
post_upgrade() {
    return 0
}
