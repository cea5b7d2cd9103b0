# rule: HG210
pre_upgrade() {
    for PATH in /tmp; do :; done
}
post_upgrade() {
    return 0
}
