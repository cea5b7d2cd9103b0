# rule: HG209
pre_upgrade() {
echo a | sed '{p;d}'
}
post_upgrade() {
    return 0
}
