# rule: HG206
pre_upgrade() {
    [ "$1" "$2" ]
}
post_upgrade() {
    return 0
}
