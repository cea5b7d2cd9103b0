# rule: HG107
pre_upgrade() {
    select x in a b; do break; done
}
post_upgrade() {
    return 0
}
