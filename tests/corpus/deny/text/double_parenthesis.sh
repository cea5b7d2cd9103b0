# rule: HG104
pre_upgrade() {
((echo a); echo b)
}
post_upgrade() {
    return 0
}
