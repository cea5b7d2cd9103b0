# rule: HG207
pre_upgrade() {
    grep --include=x y /tmp/z
}
post_upgrade() {
    return 0
}
