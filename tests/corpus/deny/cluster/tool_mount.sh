# rule: HG201
pre_upgrade() {
    mount get pods
}
post_upgrade() {
    return 0
}
