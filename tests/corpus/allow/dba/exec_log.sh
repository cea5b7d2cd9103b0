pre_upgrade() {
    exec 3> /tmp/hook.log
    echo "begin" >&3
    $MYSQL_CMD -e "SHOW BACKENDS" >&3 2>&1
    exec 3>&-
}
post_upgrade() {
    return 0
}
