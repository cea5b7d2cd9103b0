# rule: HG205
pre_upgrade() {
sh -c x
}
post_upgrade() {
    return 0
}
