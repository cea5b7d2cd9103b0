# rule: HG103
pre_upgrade() {
    echo a⁠b
}
post_upgrade() {
    return 0
}
