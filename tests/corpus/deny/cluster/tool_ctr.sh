# rule: HG201
pre_upgrade() {
    ctr get pods
}
post_upgrade() {
    return 0
}
