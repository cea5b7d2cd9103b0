# rule: HG213
pre_upgrade() {
    echo ~root
}
post_upgrade() {
    return 0
}
