# rule: HG201
pre_upgrade() {
    echo "$(kubectl get pods)"
}
post_upgrade() {
    return 0
}
