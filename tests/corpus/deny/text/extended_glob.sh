# rule: HG104
pre_upgrade() {
ls @(a|b)
}
post_upgrade() {
    return 0
}
