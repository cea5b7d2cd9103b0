# rule: HG303
pre_upgrade() {
    [ /etc/a -nt /etc/b ]
}
post_upgrade() {
    return 0
}
