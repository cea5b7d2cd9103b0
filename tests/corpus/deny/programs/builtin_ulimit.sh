# rule: HG202
pre_upgrade() {
    ulimit x
}
post_upgrade() {
    return 0
}
