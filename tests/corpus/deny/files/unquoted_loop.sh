# rule: HG303
pre_upgrade() {
    local list name
    list=$(cat /tmp/list)
    for name in $list; do
        echo "$name"
    done
}
post_upgrade() {
    return 0
}
