# rule: HG207
pre_upgrade() {
    sort --files0-from=/tmp/x
}
post_upgrade() {
    return 0
}
