# rule: HG207
pre_upgrade() {
    tail --line=3 /tmp/x
}
post_upgrade() {
    return 0
}
