# rule: HG209
pre_upgrade() {
echo a | sed 'w /tmp/x'
}
post_upgrade() {
    return 0
}
