# rule: HG207
pre_upgrade() {
    echo a | sort -T /tmp
}
post_upgrade() {
    return 0
}
