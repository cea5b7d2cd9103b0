pre_upgrade() {
    local i
    for i in 1 2 3; do
        (( i < 3 )) || return 1
        sleep "$i"
    done
}
post_upgrade() {
    return 0
}
