# rule: HG201
pre_upgrade() {
    nohup kubectl get pods
}
post_upgrade() {
    return 0
}
