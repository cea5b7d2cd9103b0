# rule: HG201
pre_upgrade() {
    docker get pods
}
post_upgrade() {
    return 0
}
