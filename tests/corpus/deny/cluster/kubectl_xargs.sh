# rule: HG201
pre_upgrade() {
    echo pods | xargs kubectl get
}
post_upgrade() {
    return 0
}
