retry() {
    local attempt
    for attempt in 1 2 3; do
        if $MYSQL_CMD -e 'ALTER SYSTEM CREATE IMAGE'; then
            return 0
        fi
        echo "attempt $attempt failed" >&2
        sleep "$attempt"
    done
    return 1
}
pre_upgrade() {
    retry
}
post_upgrade() { :; }
