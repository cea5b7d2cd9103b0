# rule: HG208
pre_upgrade() {
    awk 'BEGIN { x = (1) /"/; system("id") /"/ }'
}
post_upgrade() {
    return 0
}
