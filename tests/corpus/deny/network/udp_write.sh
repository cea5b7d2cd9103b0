# rule: HG302
pre_upgrade() {
    echo x > /dev/udp/192.0.2.1/53
}
post_upgrade() {
    return 0
}
