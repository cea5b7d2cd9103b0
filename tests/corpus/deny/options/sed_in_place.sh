# rule: HG207
pre_upgrade() {
    sed -i 's/a/b/' /tmp/x
}
post_upgrade() {
    return 0
}
