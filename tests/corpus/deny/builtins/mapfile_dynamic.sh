# rule: HG206
pre_upgrade() {
    mapfile "$1"
}
post_upgrade() {
    return 0
}
