# rule: HG201
pre_upgrade() {
    timeout 5 env kubectl get pods
}
post_upgrade() {
    return 0
}
