# rule: HG303
pre_upgrade() {
    printf '%s\n' $@
}
post_upgrade() {
    return 0
}
