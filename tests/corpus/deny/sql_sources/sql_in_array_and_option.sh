# rule: HG405
pre_upgrade() {
    local -a args=(-e 'SELECT 1')
    $MYSQL_CMD "${args[@]}" -e 'SELECT 2'
}
post_upgrade() {
    return 0
}
