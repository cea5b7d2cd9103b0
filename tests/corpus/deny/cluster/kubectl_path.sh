# rule: HG201
pre_upgrade() {
    /usr/local/bin/kubectl get pods
}
post_upgrade() {
    return 0
}
