# rule: HG405
pre_upgrade() {
    $MYSQL_CMD 3<<'E'
SELECT 1
E
}
post_upgrade() {
    return 0
}
