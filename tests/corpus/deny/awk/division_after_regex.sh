# rule: HG208
pre_upgrade() {
    awk '/a/ / system("id") / 1'
}
post_upgrade() {
    return 0
}
