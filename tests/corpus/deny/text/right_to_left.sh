# rule: HG103
pre_upgrade() {
    echo ‮x
}
post_upgrade() {
    return 0
}
