check_backends() {
    local dead
    dead=$($MYSQL_CMD -N -e 'SHOW BACKENDS' | grep -c -w false)
    if (( dead > 0 )); then
        echo "ERROR: $dead backends are not alive"
        return 1
    fi
}
pre_upgrade() {
    check_backends
}
post_upgrade() {
    check_backends
}
