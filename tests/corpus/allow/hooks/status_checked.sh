pre_upgrade() {
    $MYSQL_CMD -e 'ALTER SYSTEM CREATE IMAGE'
    local rc=$?
    if [ "$rc" -ne 0 ]; then
        echo "failed with $rc"
        return "$rc"
    fi
    echo ok
}
post_upgrade() { return $?; }
