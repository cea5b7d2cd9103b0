# rule: HG201
pre_upgrade() {
    command kubectl get pods
}
post_upgrade() {
    return 0
}
