# rule: HG205
pre_upgrade() {
env python3 -c x
}
post_upgrade() {
    return 0
}
