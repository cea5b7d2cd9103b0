pre_upgrade() {
    $MYSQL_CMD -e 'SELECT a.x FROM s.a a JOIN s.b b ON a.x = b.x WHERE a.y > 1 ORDER BY 1 LIMIT 5' || return 1
}
post_upgrade() {
    return 0
}
