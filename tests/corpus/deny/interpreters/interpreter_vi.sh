# rule: HG205
pre_upgrade() {
vi -c x
}
post_upgrade() {
    return 0
}
