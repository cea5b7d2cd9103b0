# rule: HG207
pre_upgrade() {
    uniq /tmp/a /tmp/b
}
post_upgrade() {
    return 0
}
