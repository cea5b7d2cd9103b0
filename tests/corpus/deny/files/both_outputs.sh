# rule: HG303
pre_upgrade() {
    echo x &> /var/log/x
}
post_upgrade() {
    return 0
}
