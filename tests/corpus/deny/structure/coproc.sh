# rule: HG107
pre_upgrade() {
    coproc sleep 1
}
post_upgrade() {
    return 0
}
