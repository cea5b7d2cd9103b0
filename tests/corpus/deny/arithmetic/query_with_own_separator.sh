# rule: HG211
pre_upgrade() {
    local n
    n=$($MYSQL_CMD -Ne "SELECT count(*) FROM t" | awk -v ORS='a[$(id)]' '{ print $1 + 0 }')
    (( n > 3 )) && return 1
    return 0
}
post_upgrade() {
    return 0
}
