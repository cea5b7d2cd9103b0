# rule: HG207
pre_upgrade() {
    timeout 5 -k 1 date
}
post_upgrade() {
    return 0
}
