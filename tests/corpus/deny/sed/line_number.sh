# rule: HG209
pre_upgrade() {
echo a | sed '='
}
post_upgrade() {
    return 0
}
