# rule: HG206
pre_upgrade() {
    readonly x'='1
}
post_upgrade() {
    return 0
}
