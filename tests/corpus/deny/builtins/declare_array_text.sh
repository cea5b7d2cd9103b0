# rule: HG206
pre_upgrade() {
    declare -a a="$1"
}
post_upgrade() {
    return 0
}
