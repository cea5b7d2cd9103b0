# rule: HG104
pre_upgrade() {
a[1 + 2]
}
post_upgrade() {
    return 0
}
