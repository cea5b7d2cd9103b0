pre_upgrade() {
    local start now
    start=$(date +%s)
    now=$(date +%s)
    echo $(( now - start ))
}
post_upgrade() {
    return 0
}
