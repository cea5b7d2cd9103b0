# rule: HG207
pre_upgrade() {
    timeout -s KILL 5 sleep 1
}
post_upgrade() {
    return 0
}
