# rule: HG206
pre_upgrade() {
    read 'a[0]'
}
post_upgrade() {
    return 0
}
