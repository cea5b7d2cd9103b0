# rule: HG201
pre_upgrade() {
    podman get pods
}
post_upgrade() {
    return 0
}
