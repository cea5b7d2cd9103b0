# rule: HG104
pre_upgrade() {
shopt -s expand_aliases
}
post_upgrade() {
    return 0
}
