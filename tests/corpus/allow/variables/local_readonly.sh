pre_upgrade() {
    local -r a=1
    echo "$a"
}
post_upgrade() {
    return 0
}
