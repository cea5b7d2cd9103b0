# rule: HG303
pre_upgrade() {
    uniq /etc/passwd
}
post_upgrade() {
    return 0
}
