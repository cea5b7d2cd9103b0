# rule: HG211
pre_upgrade() {
    local standard='a[$(id)]' n
    n=$(grep -c -e x - /tmp/x < /dev/null)
    (( n > 1 )) && return 1
}
post_upgrade() {
    return 0
}
