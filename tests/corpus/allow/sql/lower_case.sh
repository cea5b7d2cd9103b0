pre_upgrade() {
    $MYSQL_CMD -e 'show backends' || return 1
}
post_upgrade() {
    return 0
}
