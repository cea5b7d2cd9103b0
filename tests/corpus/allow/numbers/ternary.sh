pre_upgrade() {
    local n=1
    echo $(( n > 0 ? n : -n ))
}
post_upgrade() {
    return 0
}
