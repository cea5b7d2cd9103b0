# rule: HG208
pre_upgrade() {
    awk 'BEGIN { print ENVIRON["HOME"] }'
}
post_upgrade() {
    return 0
}
