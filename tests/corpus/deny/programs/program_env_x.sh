# rule: HG202
pre_upgrade() {
    env-x x
}
post_upgrade() {
    return 0
}
