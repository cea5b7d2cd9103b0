# rule: HG207
pre_upgrade() {
    echo a | tr $1 b
}
post_upgrade() {
    return 0
}
