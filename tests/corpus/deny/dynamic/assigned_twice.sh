# rule: HG203
pre_upgrade() {
    c=date; c=cat; $c
}
post_upgrade() {
    return 0
}
