# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'BACKUP SNAPSHOT a.b TO c' || return 1
}
post_upgrade() {
    return 0
}
