# rule: HG201
pre_upgrade() {
    kubectl get pods | wc -l
}
post_upgrade() {
    return 0
}
