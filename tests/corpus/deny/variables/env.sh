# rule: HG210
pre_upgrade() {
    ENV=/tmp/x
}
post_upgrade() {
    return 0
}
