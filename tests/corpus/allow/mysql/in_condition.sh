pre_upgrade() {
if ! $MYSQL_CMD -e 'SELECT 1'; then return 1; fi
}
post_upgrade() {
    return 0
}
