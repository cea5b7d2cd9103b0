# rule: HG206
pre_upgrade() {
    'declare' x=1
}
post_upgrade() {
    return 0
}
