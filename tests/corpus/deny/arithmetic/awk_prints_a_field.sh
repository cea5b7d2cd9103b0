# rule: HG211
pre_upgrade() {
    local n
    n=$($MYSQL_CMD -NBe 'SHOW BACKENDS' | awk '{ n = $9 } END { print n }')
    (( n > 1 ))
}
post_upgrade() {
    return 0
}
