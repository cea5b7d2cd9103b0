# rule: HG206
pre_upgrade() {
    printf "$1" x
}
post_upgrade() {
    return 0
}
