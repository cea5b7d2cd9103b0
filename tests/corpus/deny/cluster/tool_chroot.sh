# rule: HG201
pre_upgrade() {
    chroot get pods
}
post_upgrade() {
    return 0
}
