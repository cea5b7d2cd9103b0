pre_upgrade() {
    $MYSQL_CMD -e 'SELECT a.1st, 1e5, 1.5e-3 FROM 2024db.2t AS u (a, `b`) WHERE a < 2e1 - 1'
}
post_upgrade() {
    return 0
}
