# rule: HG207
pre_upgrade() {
    awk --exec=/tmp/x '{print}'
}
post_upgrade() {
    return 0
}
