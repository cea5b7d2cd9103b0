# rule: HG405
pre_upgrade() {
$MYSQL_CMD
}
post_upgrade() {
    return 0
}
