# rule: HG103
pre_upgrade() {
    echo a
}
post_upgrade() {
    return 0
}
