# rule: HG303
pre_upgrade() {
    cat < /etc/passwd
}
post_upgrade() {
    return 0
}
