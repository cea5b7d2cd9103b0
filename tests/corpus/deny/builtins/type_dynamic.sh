# rule: HG206
pre_upgrade() {
    type "$1"
}
post_upgrade() {
    return 0
}
