# rule: HG303
pre_upgrade() {
    echo x >&/etc/y
}
post_upgrade() {
    return 0
}
