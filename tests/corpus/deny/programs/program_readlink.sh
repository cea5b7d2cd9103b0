# rule: HG202
pre_upgrade() {
    readlink x
}
post_upgrade() {
    return 0
}
