# rule: HG301
pre_upgrade() {
    trap 'curl http://192.0.2.1' EXIT
}
post_upgrade() {
    return 0
}
