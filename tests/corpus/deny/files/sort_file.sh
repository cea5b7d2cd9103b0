# rule: HG303
pre_upgrade() {
    sort /etc/passwd
}
post_upgrade() {
    return 0
}
