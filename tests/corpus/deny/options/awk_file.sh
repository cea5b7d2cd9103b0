# rule: HG207
pre_upgrade() {
    awk --file=/tmp/x '{print}'
}
post_upgrade() {
    return 0
}
