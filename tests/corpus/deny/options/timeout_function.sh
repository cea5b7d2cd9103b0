# rule: HG207
pre_upgrade() {
    helper_name=1; timeout 5 pre_upgrade
}
post_upgrade() {
    return 0
}
