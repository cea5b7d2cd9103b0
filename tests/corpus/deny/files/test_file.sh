# rule: HG303
pre_upgrade() {
    [ -f /etc/passwd ]
}
post_upgrade() {
    return 0
}
