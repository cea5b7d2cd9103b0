# rule: HG206
pre_upgrade() {
    type /bin/x
}
post_upgrade() {
    return 0
}
