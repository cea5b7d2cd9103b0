# rule: HG211
pre_upgrade() {
    local n
    n=$($MYSQL_CMD -Ne "SELECT count(*), sum(a) FROM t" | cut -f 1,2 --output-delimiter='+a[$(id)]+')
    (( n > 3 )) && return 1
    return 0
}
post_upgrade() {
    return 0
}
