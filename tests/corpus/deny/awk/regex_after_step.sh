# rule: HG208
pre_upgrade() {
    awk 'BEGIN { x++ /"/; system("id"); y = /"/ }'
}
post_upgrade() {
    return 0
}
