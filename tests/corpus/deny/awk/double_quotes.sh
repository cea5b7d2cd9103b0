# rule: HG208
pre_upgrade() {
    awk "{ print $1 }"
}
post_upgrade() {
    return 0
}
