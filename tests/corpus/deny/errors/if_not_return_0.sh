# rule: HG601
pre_upgrade() {
    if ! $MYSQL_CMD -e 'ALTER SYSTEM CREATE IMAGE'; then
        return 0
    fi
    sleep 1
}
post_upgrade() {
    return 0
}
