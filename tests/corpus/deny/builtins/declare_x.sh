# rule: HG206
pre_upgrade() {
    declare -x A=1
}
post_upgrade() {
    return 0
}
