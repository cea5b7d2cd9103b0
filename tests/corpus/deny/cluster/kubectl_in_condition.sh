# rule: HG201
pre_upgrade() {
    if kubectl get pods; then return 1; fi
}
post_upgrade() {
    return 0
}
