# rule: HG601
prepare() {
    $MYSQL_CMD -e 'ALTER SYSTEM CREATE IMAGE' || true
}
pre_upgrade() { prepare; }
post_upgrade() { :; }
