# rule: HG208
pre_upgrade() {
    awk 'BEGIN { print "a",
"b" > "/etc/x" }'
}
post_upgrade() {
    return 0
}
