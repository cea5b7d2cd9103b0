# rule: HG206
pre_upgrade() {
    readonly -f pre_upgrade
}
post_upgrade() {
    return 0
}
