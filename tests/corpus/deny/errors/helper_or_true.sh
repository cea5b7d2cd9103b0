# rule: HG601
create_image() {
    $MYSQL_CMD -e 'ALTER SYSTEM CREATE IMAGE'
}
pre_upgrade() {
    create_image || true
}
post_upgrade() {
    return 0
}
