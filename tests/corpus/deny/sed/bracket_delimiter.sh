# rule: HG209
pre_upgrade() {
echo a | sed 's/[/]/e/'
}
post_upgrade() {
    return 0
}
