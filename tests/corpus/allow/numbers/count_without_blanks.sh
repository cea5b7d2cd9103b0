pre_upgrade() {
    local n
    n=$($MYSQL_CMD -NBe "SHOW BACKENDS" | wc -l | tr -d ' ')
    if (( n < 3 )); then
        echo "only $n backends"
        return 1
    fi
}
post_upgrade() {
    return 0
}
