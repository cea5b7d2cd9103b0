# rule: HG207
pre_upgrade() {
    date -d "$1"
}
post_upgrade() {
    return 0
}
