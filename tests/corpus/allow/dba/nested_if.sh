pre_upgrade() {
    if [ -z "${SR_FE_HOST:-}" ] || [ -z "${SR_FE_PORT:-}" ]; then
        echo "connection is not set" >&2
        return 1
    elif [ "$SR_FE_PORT" -ne 9030 ]; then
        echo "unusual port $SR_FE_PORT"
    fi
}
post_upgrade() {
    return 0
}
