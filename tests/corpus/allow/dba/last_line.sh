pre_upgrade() {
    local last
    last=$($MYSQL_CMD -NBe "SHOW FRONTENDS" | tail -n 1 | cut -f 1)
    echo "last: $last"
    echo "${last##*/}"
}
post_upgrade() {
    return 0
}
