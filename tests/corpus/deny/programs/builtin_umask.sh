# rule: HG202
pre_upgrade() {
    umask x
}
post_upgrade() {
    return 0
}
