# rule: HG206
pre_upgrade() {
    [ -v 'a[0]' ]
}
post_upgrade() {
    return 0
}
