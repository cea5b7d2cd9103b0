# rule: HG206
pre_upgrade() {
    getopts "$1" x
}
post_upgrade() {
    return 0
}
