# rule: HG303
pre_upgrade() {
    sed /etc/p -e p
}
post_upgrade() {
    return 0
}
