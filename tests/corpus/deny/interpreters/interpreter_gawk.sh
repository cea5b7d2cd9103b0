# rule: HG205
pre_upgrade() {
gawk -c x
}
post_upgrade() {
    return 0
}
