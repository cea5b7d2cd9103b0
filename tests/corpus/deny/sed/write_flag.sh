# rule: HG209
pre_upgrade() {
echo a | sed 's/a/b/w /tmp/x'
}
post_upgrade() {
    return 0
}
