# rule: HG203
pre_upgrade() {
    env $1
}
post_upgrade() {
    return 0
}
