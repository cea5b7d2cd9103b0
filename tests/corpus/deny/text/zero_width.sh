# rule: HG103
pre_upgrade() {
    cu​rl x
}
post_upgrade() {
    return 0
}
