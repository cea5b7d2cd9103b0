# rule: HG210
pre_upgrade() {
    exec {fd}> /tmp/x
}
post_upgrade() {
    return 0
}
