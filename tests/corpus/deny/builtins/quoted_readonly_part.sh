# rule: HG206
pre_upgrade() {
    read"only" x=1
}
post_upgrade() {
    return 0
}
