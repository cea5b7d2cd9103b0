pre_upgrade() {
local sql='SHOW BACKENDS'
$MYSQL_CMD -e "$sql"
}
post_upgrade() {
    return 0
}
