# rule: HG103
pre_upgrade() {
    echo [31m
}
post_upgrade() {
    return 0
}
