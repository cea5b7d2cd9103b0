# rule: HG206
pre_upgrade() {
    [ $1 ]
}
post_upgrade() {
    return 0
}
