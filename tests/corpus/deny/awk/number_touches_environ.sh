# rule: HG208
pre_upgrade() {
    awk 'BEGIN { print 1ENVIRON["HOME"] }'
}
post_upgrade() {
    return 0
}
