# rule: HG205
pre_upgrade() {
gdb -c x
}
post_upgrade() {
    return 0
}
