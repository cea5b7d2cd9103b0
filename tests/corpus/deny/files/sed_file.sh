# rule: HG303
pre_upgrade() {
    sed -n p /etc/passwd
}
post_upgrade() {
    return 0
}
