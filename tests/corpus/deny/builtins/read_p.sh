# rule: HG206
pre_upgrade() {
    read -p hi x
}
post_upgrade() {
    return 0
}
