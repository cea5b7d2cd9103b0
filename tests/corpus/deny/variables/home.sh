# rule: HG210
pre_upgrade() {
    HOME=/tmp
}
post_upgrade() {
    return 0
}
