# rule: HG601
set -e
pre_upgrade() {
    $MYSQL_CMD -e 'ALTER SYSTEM CREATE IMAGE'; true
}
post_upgrade() {
    return 0
}
