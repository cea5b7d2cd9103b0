# rule: HG206
pre_upgrade() {
    [ "${x:-$@}" = y ]
}
post_upgrade() {
    return 0
}
