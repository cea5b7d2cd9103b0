# rule: HG303
pre_upgrade() {
    tail -n 1 /etc/shadow
}
post_upgrade() {
    return 0
}
