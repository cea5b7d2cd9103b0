# rule: HG202
pre_upgrade() {
    compgen x
}
post_upgrade() {
    return 0
}
