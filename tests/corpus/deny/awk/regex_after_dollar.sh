# rule: HG208
pre_upgrade() {
    awk '{ $/"/; system("id"); x = /"/ }'
}
post_upgrade() {
    return 0
}
