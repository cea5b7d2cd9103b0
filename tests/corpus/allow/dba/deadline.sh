pre_upgrade() {
    local deadline=$((SECONDS + 60))
    until $MYSQL_CMD -e "SELECT 1" > /dev/null 2>&1; do
        if (( SECONDS >= deadline )); then
            echo "FE does not answer" >&2
            return 1
        fi
        sleep 3
    done
}
post_upgrade() {
    return 0
}
