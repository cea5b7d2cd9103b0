pre_upgrade() {
    local alive
    alive=$($MYSQL_CMD -e "SHOW BACKENDS\G" | grep -c "Alive: true")
    echo "alive backends: $alive"
    if [ "$alive" -lt 3 ]; then
        echo "ERROR: fewer than 3 backends" >&2
        return 1
    fi
}
post_upgrade() {
    return 0
}
