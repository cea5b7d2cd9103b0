# rule: HG207
pre_upgrade() {
    timeout --foreground 5 sleep 1
}
post_upgrade() {
    return 0
}
