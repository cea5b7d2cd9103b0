# rule: HG207
pre_upgrade() {
    wc --files0-from=/tmp/x
}
post_upgrade() {
    return 0
}
