# rule: HG601
pre_upgrade() {
    $MYSQL_CMD -e 'ALTER SYSTEM CREATE IMAGE' || false || true
}
post_upgrade() {
    return 0
}
