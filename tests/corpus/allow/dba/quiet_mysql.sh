pre_upgrade() {
    local result
    if ! result=$($MYSQL_CMD -N -s -r -e "SELECT 1" 2>&1); then
        echo "query failed: $result" >&2
        return 1
    fi
    [ "$result" = 1 ] || { echo "unexpected: $result"; return 1; }
}
post_upgrade() {
    return 0
}
