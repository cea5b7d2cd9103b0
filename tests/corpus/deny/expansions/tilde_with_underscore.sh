# rule: HG213
pre_upgrade() {
    echo ~_apt
}
post_upgrade() {
    return 0
}
