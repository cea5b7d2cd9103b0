# rule: HG210
pre_upgrade() {
    LC_ALL=de_DE date
}
post_upgrade() {
    return 0
}
