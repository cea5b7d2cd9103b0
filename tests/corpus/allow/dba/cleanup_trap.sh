cleanup() {
    local status=$?
    echo "exit status: $status"
    return "$status"
}
pre_upgrade() {
    trap cleanup EXIT
    $MYSQL_CMD -e "ALTER SYSTEM CREATE IMAGE" || return 1
}
post_upgrade() {
    trap 'echo interrupted; exit 1' INT TERM
    echo ok
}
