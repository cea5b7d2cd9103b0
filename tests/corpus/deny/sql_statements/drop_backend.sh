# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'ALTER SYSTEM DROP BACKEND "a:9050"' || return 1
}
post_upgrade() {
    return 0
}
