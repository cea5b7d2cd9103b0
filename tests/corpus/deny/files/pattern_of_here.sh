# rule: HG303
pre_upgrade() {
    echo *
}
post_upgrade() {
    return 0
}
