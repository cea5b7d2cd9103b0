# rule: HG201
pre_upgrade() {
    sudo get pods
}
post_upgrade() {
    return 0
}
