# rule: HG405
pre_upgrade() {
$MYSQL_CMD < /tmp/x
}
post_upgrade() {
    return 0
}
