# rule: HG208
pre_upgrade() {
    awk '{ length /"/; system("id"); x = /"/ }'
}
post_upgrade() {
    return 0
}
