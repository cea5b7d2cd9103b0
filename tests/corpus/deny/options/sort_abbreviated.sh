# rule: HG207
pre_upgrade() {
    echo a | sort --rev
}
post_upgrade() {
    return 0
}
