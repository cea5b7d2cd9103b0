# rule: HG211
pre_upgrade() {
    local n
    n=$($MYSQL_CMD -Ne "SELECT max(x) FROM (SELECT 'a' AS x) y")
    (( n > 3 )) && return 1
    return 0
}
post_upgrade() {
    return 0
}
