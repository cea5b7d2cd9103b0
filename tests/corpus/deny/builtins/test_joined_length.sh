# rule: HG206
pre_upgrade() {
    [ -n "$1" -a "$2" = b ]
}
post_upgrade() {
    return 0
}
