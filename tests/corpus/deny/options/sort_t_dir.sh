# rule: HG207
pre_upgrade() {
    echo a | sort -T /tmp/rows
}
post_upgrade() {
    return 0
}
