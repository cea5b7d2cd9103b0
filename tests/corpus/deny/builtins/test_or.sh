# rule: HG206
pre_upgrade() {
    [ "$1" = a -o -n "$2" ]
}
post_upgrade() {
    return 0
}
