# rule: HG210
pre_upgrade() {
    BASH_ENV=/tmp/x
}
post_upgrade() {
    return 0
}
