# rule: HG201
pre_upgrade() {
    systemctl get pods
}
post_upgrade() {
    return 0
}
