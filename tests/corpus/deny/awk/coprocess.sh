# rule: HG208
pre_upgrade() {
    awk 'BEGIN { print "x" |& "sh" }'
}
post_upgrade() {
    return 0
}
