# rule: HG206
pre_upgrade() {
    read "$1"
}
post_upgrade() {
    return 0
}
