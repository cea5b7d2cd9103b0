pre_upgrade() {
    local attempt
    for attempt in 1 2 3; do
        if $MYSQL_CMD -e 'ALTER SYSTEM CREATE IMAGE'; then
            return 0
        fi
        sleep 1
    done
    return 1
}
post_upgrade() {
    return 0
}
