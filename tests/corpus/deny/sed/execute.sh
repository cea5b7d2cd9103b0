# rule: HG209
pre_upgrade() {
echo a | sed '1e id'
}
post_upgrade() {
    return 0
}
