# rule: HG206
pre_upgrade() {
    [ a "$1" b ]
}
post_upgrade() {
    return 0
}
