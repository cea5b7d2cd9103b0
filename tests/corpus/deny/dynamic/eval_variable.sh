# rule: HG204
pre_upgrade() {
    eval "$1"
}
post_upgrade() {
    return 0
}
