# rule: HG205
pre_upgrade() {
ruby -c x
}
post_upgrade() {
    return 0
}
