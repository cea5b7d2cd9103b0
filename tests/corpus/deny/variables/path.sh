# rule: HG210
pre_upgrade() {
    PATH=/tmp:$PATH
}
post_upgrade() {
    return 0
}
