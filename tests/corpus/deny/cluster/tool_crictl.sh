# rule: HG201
pre_upgrade() {
    crictl get pods
}
post_upgrade() {
    return 0
}
