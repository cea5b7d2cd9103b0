# rule: HG203
pre_upgrade() {
    command "$1"
}
post_upgrade() {
    return 0
}
