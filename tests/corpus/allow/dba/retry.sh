retry() {
    local attempts=$1 i
    shift
    for (( i = 1; i <= 3; i++ )); do
        if run_sql "$1"; then return 0; fi
        echo "attempt $i of $attempts failed"
        sleep 2
    done
    return 1
}
run_sql() {
    case $1 in
        image) $MYSQL_CMD -e "ALTER SYSTEM CREATE IMAGE" ;;
        *) return 2 ;;
    esac
}
pre_upgrade() {
    retry 3 image || return 1
}
post_upgrade() {
    return 0
}
