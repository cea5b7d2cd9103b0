pre_upgrade() {
    local status
    status=$($MYSQL_CMD -NBe "SHOW FRONTENDS" | awk 'NR==1 {print $9}')
    case "$status" in
        true) echo "ok" ;;
        false) echo "down"; return 1 ;;
        *) echo "unknown: ${status:-empty}" ;;
    esac
}
post_upgrade() {
    return 0
}
