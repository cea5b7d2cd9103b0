# rule: HG405
pre_upgrade() {
    echo 'x' > /tmp/x
    exec < /tmp/x
    $MYSQL_CMD 3<<< 'SELECT 1'
}
post_upgrade() {
    return 0
}
