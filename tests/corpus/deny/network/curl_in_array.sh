# rule: HG301
pre_upgrade() {
a=("$(curl 192.0.2.1)")
}
post_upgrade() {
    return 0
}
