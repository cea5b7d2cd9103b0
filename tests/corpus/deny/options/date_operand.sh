# rule: HG207
pre_upgrade() {
    date 010100002030
}
post_upgrade() {
    return 0
}
