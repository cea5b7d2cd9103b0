# rule: HG210
pre_upgrade() {
    TZ=Europe/Berlin date
}
post_upgrade() {
    return 0
}
