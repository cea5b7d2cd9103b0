# rule: HG303
pre_upgrade() {
    cat /var/run/secrets/kubernetes.io/serviceaccount/token
}
post_upgrade() {
    return 0
}
