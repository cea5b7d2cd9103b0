# rule: HG401
pre_upgrade() {
$MYSQL_CMD --execute="SELECT $1"
}
post_upgrade() {
    return 0
}
