wait_healthy() {
    local deadline=$((SECONDS + 300))
    local bad
    while (( SECONDS < deadline )); do
        bad=$($MYSQL_CMD -N -e "SHOW PROC '/statistic'" | awk '$1 == "Total" { print $8 + 0 }')
        if [ "$bad" -eq 0 ]; then
            return 0
        fi
        sleep 5
    done
    return 1
}
pre_upgrade() {
    wait_healthy || { echo "ERROR: tablets are not healthy" >&2; return 1; }
}
post_upgrade() { :; }
