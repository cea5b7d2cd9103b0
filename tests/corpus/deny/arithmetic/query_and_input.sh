# rule: HG211
pre_upgrade() {
    local n
    n=$($MYSQL_CMD -Ne "SELECT count(*) FROM t" | head -n 1 < /tmp/x)
    (( n > 3 )) && return 1
    return 0
}
post_upgrade() {
    return 0
}
