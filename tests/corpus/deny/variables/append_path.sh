# rule: HG210
pre_upgrade() {
    PATH+=:/tmp
}
post_upgrade() {
    return 0
}
