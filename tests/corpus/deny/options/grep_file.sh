# rule: HG207
pre_upgrade() {
    echo a | grep -f /tmp/x
}
post_upgrade() {
    return 0
}
