# rule: HG303
pre_upgrade() {
    echo a > /tmp/./
}
post_upgrade() {
    return 0
}
