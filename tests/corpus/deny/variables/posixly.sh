# rule: HG104
pre_upgrade() {
    POSIXLY_CORRECT=1
}
post_upgrade() {
    return 0
}
