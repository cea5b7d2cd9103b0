# rule: HG107
pre_upgrade() {
    sleep 1 & sleep 2
}
post_upgrade() {
    return 0
}
