pre_upgrade() {
    $MYSQL_CMD -e 'SET SESSION time_zone = "UTC"' || return 1
}
post_upgrade() {
    return 0
}
