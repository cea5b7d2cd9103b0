pre_upgrade() {
    local IFS=$'\n'
    echo "one line"
}
post_upgrade() {
    return 0
}
