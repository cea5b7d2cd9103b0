# rule: HG205
pre_upgrade() {
dash -c x
}
post_upgrade() {
    return 0
}
