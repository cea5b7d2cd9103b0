# rule: HG202
pre_upgrade() {
    ln x
}
post_upgrade() {
    return 0
}
