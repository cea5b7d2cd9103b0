# rule: HG207
pre_upgrade() {
    sed --file=/tmp/x p
}
post_upgrade() {
    return 0
}
