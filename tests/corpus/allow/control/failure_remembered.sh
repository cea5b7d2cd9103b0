pre_upgrade() {
    local failed=0
    if ! $MYSQL_CMD -e 'ALTER SYSTEM CREATE IMAGE'; then
        echo failed
        failed=1
    fi
    return "$failed"
}
post_upgrade() {
    return 0
}
