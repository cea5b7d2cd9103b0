pre_upgrade() {
    timeout 30 $MYSQL_CMD -e "SHOW FRONTENDS" || {
        rc=$?
        echo "failed or timed out: $rc" >&2
        return $rc
    }
}
post_upgrade() {
    return 0
}
