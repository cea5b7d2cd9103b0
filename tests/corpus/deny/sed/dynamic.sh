# rule: HG209
pre_upgrade() {
echo a | sed "s/a/$1/"
}
post_upgrade() {
    return 0
}
