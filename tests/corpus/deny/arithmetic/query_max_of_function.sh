# rule: HG211
pre_upgrade() {
    local n
    n=$($MYSQL_CMD -Ne "SELECT max(concat(97)) FROM t")
    (( n > 3 )) && return 1
    return 0
}
post_upgrade() {
    return 0
}
