# rule: HG210
pre_upgrade() {
    local NULL='a[$(id)]' n
    n=$($MYSQL_CMD -Ne 'SELECT sum(a) FROM t')
    [ "$n" -gt 3 ] && return 1
    return 0
}
post_upgrade() {
    return 0
}
