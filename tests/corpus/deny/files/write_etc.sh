# rule: HG303
pre_upgrade() {
    echo x > /etc/motd
}
post_upgrade() {
    return 0
}
