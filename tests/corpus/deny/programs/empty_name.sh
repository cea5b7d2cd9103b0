# rule: HG202
pre_upgrade() {
    '' x
}
post_upgrade() {
    return 0
}
