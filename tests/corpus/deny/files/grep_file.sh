# rule: HG303
pre_upgrade() {
    grep -c x /etc/passwd
}
post_upgrade() {
    return 0
}
