# rule: HG107
pre_upgrade() {
    sleep 1 &
}
post_upgrade() {
    return 0
}
