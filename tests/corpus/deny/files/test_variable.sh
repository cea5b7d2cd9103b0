# rule: HG303
pre_upgrade() {
    [ -d "$1" ]
}
post_upgrade() {
    return 0
}
