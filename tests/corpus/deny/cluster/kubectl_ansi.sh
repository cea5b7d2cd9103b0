# rule: HG201
pre_upgrade() {
    $'kubectl' get pods
}
post_upgrade() {
    return 0
}
