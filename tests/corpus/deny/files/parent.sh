# rule: HG303
pre_upgrade() {
    cat /tmp/../etc/passwd
}
post_upgrade() {
    return 0
}
