# rule: HG207
pre_upgrade() {
    sleep "$1"
}
post_upgrade() {
    return 0
}
