# rule: HG206
pre_upgrade() {
    [ -v "$1" ]
}
post_upgrade() {
    return 0
}
