pre_upgrade() {
    local down
    down=$($MYSQL_CMD -NBe 'SHOW BACKENDS' | cut -f 9 | grep -c false || true)
    if (( down > 0 )); then return 1; fi
}
post_upgrade() {
    return 0
}
