# rule: HG206
pre_upgrade() {
    [ "$1" = -v -o "$2" = b ]
}
post_upgrade() {
    return 0
}
