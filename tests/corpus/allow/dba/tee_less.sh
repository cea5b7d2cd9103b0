pre_upgrade() {
    {
        echo "== frontends"
        $MYSQL_CMD -e "SHOW FRONTENDS"
        echo "== backends"
        $MYSQL_CMD -e "SHOW BACKENDS"
    } > /tmp/state.txt 2>&1
    cat /tmp/state.txt
}
post_upgrade() {
    return 0
}
