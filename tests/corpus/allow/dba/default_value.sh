pre_upgrade() {
    local mode="${HOOK_MODE:-normal}"
    [ "$mode" = fast ] && sleep_time=1 || sleep_time=5
    echo "mode=$mode sleep=$sleep_time"
}
post_upgrade() {
    return 0
}
