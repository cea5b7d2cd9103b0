# rule: HG211
pre_upgrade() {
    local n
    n=$($MYSQL_CMD -NBe 'SHOW BACKENDS' | awk '/x/; END { print NR }')
    (( n > 1 ))
}
post_upgrade() {
    return 0
}
