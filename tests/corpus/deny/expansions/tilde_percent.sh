# rule: HG213
pre_upgrade() {
    echo ~%home
}
post_upgrade() {
    return 0
}
