# rule: HG601
pre_upgrade() {
    local rc=0
    $MYSQL_CMD -e 'ALTER SYSTEM CREATE IMAGE' || rc=0
    return "$rc"
}
post_upgrade() {
    return 0
}
