# rule: HG208
pre_upgrade() {
    echo a | awk '{ print >> "/tmp/x" }'
}
post_upgrade() {
    return 0
}
