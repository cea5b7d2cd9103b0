# rule: HG201
pre_upgrade() {
    kube''ctl get pods
}
post_upgrade() {
    return 0
}
