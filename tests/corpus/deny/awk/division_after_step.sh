# rule: HG208
pre_upgrade() {
    awk 'BEGIN { x++ / system("id") / 1 }'
}
post_upgrade() {
    return 0
}
