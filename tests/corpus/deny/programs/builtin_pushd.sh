# rule: HG202
pre_upgrade() {
    pushd x
}
post_upgrade() {
    return 0
}
