# rule: HG207
pre_upgrade() {
    echo a | sort -o /tmp/x
}
post_upgrade() {
    return 0
}
