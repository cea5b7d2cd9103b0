# rule: HG209
pre_upgrade() {
echo a | sed 'a\
id'
}
post_upgrade() {
    return 0
}
