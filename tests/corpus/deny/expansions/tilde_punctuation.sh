# rule: HG213
pre_upgrade() {
    echo ~!
}
post_upgrade() {
    return 0
}
