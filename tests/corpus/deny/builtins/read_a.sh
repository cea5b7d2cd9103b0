# rule: HG206
pre_upgrade() {
    read -a x
}
post_upgrade() {
    return 0
}
