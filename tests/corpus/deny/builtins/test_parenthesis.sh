# rule: HG206
pre_upgrade() {
    [ '(' "$1" = a ')' ]
}
post_upgrade() {
    return 0
}
