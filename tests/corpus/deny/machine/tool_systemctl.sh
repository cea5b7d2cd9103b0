# rule: HG201
pre_upgrade() {
    systemctl restart chronyd
}
post_upgrade() {
    return 0
}
