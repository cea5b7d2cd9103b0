# rule: HG104
pre_upgrade() {
declare a[0]=1
}
post_upgrade() {
    return 0
}
