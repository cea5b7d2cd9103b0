# rule: HG204
pre_upgrade() {
    ev""al x
}
post_upgrade() {
    return 0
}
