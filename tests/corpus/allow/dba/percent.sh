pre_upgrade() {
    local used total
    used=$($MYSQL_CMD -NBe "SELECT count(*) FROM t") || return 1
    total=100
    [[ $used =~ ^[0-9]+$ ]] || return 1
    echo "$(( used * 100 / total ))%"
}
post_upgrade() {
    return 0
}
