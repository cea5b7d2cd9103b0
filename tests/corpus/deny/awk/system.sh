# rule: HG208
pre_upgrade() {
    awk 'BEGIN { system("id") }'
}
post_upgrade() {
    return 0
}
