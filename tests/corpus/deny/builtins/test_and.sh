# rule: HG206
pre_upgrade() {
    [ "$1" = a -a "$2" = "$3" ]
}
post_upgrade() {
    return 0
}
