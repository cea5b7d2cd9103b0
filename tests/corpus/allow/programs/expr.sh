pre_upgrade() {
    expr "$1" + 1
}
post_upgrade() {
    return 0
}
