# rule: HG401
pre_upgrade() {
$MYSQL_CMD <<< "$1"
}
post_upgrade() {
    return 0
}
