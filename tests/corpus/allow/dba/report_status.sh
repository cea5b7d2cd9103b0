pre_upgrade() {
    local rc=0
    $MYSQL_CMD -e "ALTER SYSTEM CREATE IMAGE" || rc=$?
    if [ $rc -ne 0 ]; then
        echo "failed: $rc"
        exit $rc
    fi
}
post_upgrade() {
    return 0
}
