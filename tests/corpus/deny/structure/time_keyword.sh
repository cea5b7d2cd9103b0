# rule: HG107
pre_upgrade() {
    time sleep 1
}
post_upgrade() {
    return 0
}
