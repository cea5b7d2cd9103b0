# rule: HG209
pre_upgrade() {
echo a | sed ':a;N'
}
post_upgrade() {
    return 0
}
