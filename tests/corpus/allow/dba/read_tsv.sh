pre_upgrade() {
    local host port rest
    $MYSQL_CMD -NBe 'SHOW BACKENDS' | while IFS=$'\t' read -r host port rest; do
        echo "$host:$port"
    done
}
post_upgrade() {
    return 0
}
