# rule: HG209
pre_upgrade() {
echo a | sed 's/a/id/e'
}
post_upgrade() {
    return 0
}
