# rule: HG210
pre_upgrade() {
    LD_PRELOAD=/tmp/x.so
}
post_upgrade() {
    return 0
}
