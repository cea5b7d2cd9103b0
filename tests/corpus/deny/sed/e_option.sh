# rule: HG209
pre_upgrade() {
echo a | sed -e p -e 'w /tmp/x'
}
post_upgrade() {
    return 0
}
