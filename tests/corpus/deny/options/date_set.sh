# rule: HG207
pre_upgrade() {
    date -s 12:00
}
post_upgrade() {
    return 0
}
