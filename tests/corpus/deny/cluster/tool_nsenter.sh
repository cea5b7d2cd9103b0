# rule: HG201
pre_upgrade() {
    nsenter get pods
}
post_upgrade() {
    return 0
}
