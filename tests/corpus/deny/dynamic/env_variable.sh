# rule: HG203
pre_upgrade() {
    $SHELL -c x
}
post_upgrade() {
    return 0
}
