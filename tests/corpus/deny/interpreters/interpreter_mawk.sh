# rule: HG205
pre_upgrade() {
mawk -c x
}
post_upgrade() {
    return 0
}
