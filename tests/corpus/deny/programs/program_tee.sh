# rule: HG202
pre_upgrade() {
    tee x
}
post_upgrade() {
    return 0
}
