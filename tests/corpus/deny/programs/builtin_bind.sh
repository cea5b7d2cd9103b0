# rule: HG202
pre_upgrade() {
    bind x
}
post_upgrade() {
    return 0
}
