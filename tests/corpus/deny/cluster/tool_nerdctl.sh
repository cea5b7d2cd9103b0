# rule: HG201
pre_upgrade() {
    nerdctl get pods
}
post_upgrade() {
    return 0
}
