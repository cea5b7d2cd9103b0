# rule: HG203
pre_upgrade() {
    a=da; "${a}te"
}
post_upgrade() {
    return 0
}
