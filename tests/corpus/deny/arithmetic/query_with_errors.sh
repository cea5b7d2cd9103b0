# rule: HG211
pre_upgrade() {
    local n
    n=$($MYSQL_CMD -Ne 'SELECT count(*) FROM t' 2>&1)
    (( n > 1 )) && return 1
}
post_upgrade() {
    return 0
}
