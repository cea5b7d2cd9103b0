# rule: HG202
pre_upgrade() {
    tar x
}
post_upgrade() {
    return 0
}
