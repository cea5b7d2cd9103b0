# rule: HG202
pre_upgrade() {
    printenv x
}
post_upgrade() {
    return 0
}
