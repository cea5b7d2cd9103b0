# rule: HG208
pre_upgrade() {
    awk 'BEGIN { print PROCINFO["pid"] }'
}
post_upgrade() {
    return 0
}
