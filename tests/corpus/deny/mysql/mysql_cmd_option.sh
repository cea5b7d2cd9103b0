# rule: HG402
pre_upgrade() {
    $MYSQL_CMD --tee=/tmp/x -e 'SHOW BACKENDS'
}
post_upgrade() {
    return 0
}
