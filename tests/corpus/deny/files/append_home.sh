# rule: HG303
pre_upgrade() {
    echo x >> /root/.bashrc
}
post_upgrade() {
    return 0
}
