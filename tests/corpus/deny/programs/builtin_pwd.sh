# rule: HG202
pre_upgrade() {
    pwd x
}
post_upgrade() {
    return 0
}
