# rule: HG206
pre_upgrade() {
    declare -p
}
post_upgrade() {
    return 0
}
