# rule: HG208
pre_upgrade() {
    awk 'BEGIN { print 1 ?
"a" : "b" > "/tmp/x" }'
}
post_upgrade() {
    return 0
}
