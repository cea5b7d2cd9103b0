# rule: HG211
pre_upgrade() {
    local n
    n=$($MYSQL_CMD -NBe "SHOW BACKENDS" | wc -l | tr '0-9' 'a-j')
    (( n < 3 ))
}
post_upgrade() {
    return 0
}
