# rule: HG401
pre_upgrade() {
$MYSQL_CMD -e "$(cat /tmp/x)"
}
post_upgrade() {
    return 0
}
