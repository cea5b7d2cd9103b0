# rule: HG210
pre_upgrade() {
    PS4='$(date)'
}
post_upgrade() {
    return 0
}
