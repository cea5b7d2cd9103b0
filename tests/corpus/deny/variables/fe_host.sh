# rule: HG210
pre_upgrade() {
    SR_FE_HOST=192.0.2.1
}
post_upgrade() {
    return 0
}
