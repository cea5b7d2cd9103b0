# rule: HG202
pre_upgrade() {
    cät /tmp/x
}
post_upgrade() {
    return 0
}
