# rule: HG303
pre_upgrade() {
    wc -l /etc/passwd
}
post_upgrade() {
    return 0
}
