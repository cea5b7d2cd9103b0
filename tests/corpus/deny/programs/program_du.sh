# rule: HG202
pre_upgrade() {
    du x
}
post_upgrade() {
    return 0
}
