# rule: HG202
pre_upgrade() {
    whoami x
}
post_upgrade() {
    return 0
}
