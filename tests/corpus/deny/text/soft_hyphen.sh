# rule: HG103
pre_upgrade() {
    ec­ho x
}
post_upgrade() {
    return 0
}
