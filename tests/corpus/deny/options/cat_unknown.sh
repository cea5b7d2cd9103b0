# rule: HG207
pre_upgrade() {
    cat --version
}
post_upgrade() {
    return 0
}
