# rule: HG203
pre_upgrade() {
    $1 x
}
post_upgrade() {
    return 0
}
