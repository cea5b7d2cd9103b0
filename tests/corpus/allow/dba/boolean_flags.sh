pre_upgrade() {
    local failed=0
    $MYSQL_CMD -e "SHOW BACKENDS" || failed=1
    $MYSQL_CMD -e "SHOW FRONTENDS" || failed=1
    return $failed
}
post_upgrade() {
    return 0
}
