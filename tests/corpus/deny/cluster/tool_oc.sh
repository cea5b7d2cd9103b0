# rule: HG201
pre_upgrade() {
    oc get pods
}
post_upgrade() {
    return 0
}
