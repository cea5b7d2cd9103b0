pre_upgrade() {
    local n=08
    echo $(( 10#$n + 1 ))
}
post_upgrade() {
    return 0
}
