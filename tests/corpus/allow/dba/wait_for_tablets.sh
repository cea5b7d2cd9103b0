pre_upgrade() {
    local unhealthy tries=0
    while [ "$tries" -lt 30 ]; do
        unhealthy=$($MYSQL_CMD -N -B -e "SELECT COUNT(*) FROM information_schema.tables_config") || return 1
        [ "$unhealthy" -eq 0 ] && return 0
        tries=$((tries + 1))
        sleep 10
    done
    echo "still $unhealthy unhealthy tablets" >&2
    return 1
}
post_upgrade() {
    return 0
}
