# rule: HG211
pre_upgrade() {
    local grep='a[$(id)]' n
    n=$(grep -c x /tmp/missing 2>&1)
    echo $(( n ))
}
post_upgrade() {
    return 0
}
