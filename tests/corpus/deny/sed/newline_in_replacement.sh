# rule: HG209
pre_upgrade() {
    sed 's/a/b
e id/'
}
post_upgrade() {
    return 0
}
