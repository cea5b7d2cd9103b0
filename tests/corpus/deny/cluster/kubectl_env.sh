# rule: HG201
pre_upgrade() {
    env KUBECONFIG=/tmp/x kubectl get pods
}
post_upgrade() {
    return 0
}
