# rule: HG205
pre_upgrade() {
perl -c x
}
post_upgrade() {
    return 0
}
