# rule: HG201
pre_upgrade() {
    su get pods
}
post_upgrade() {
    return 0
}
