# rule: HG303
pre_upgrade() {
    echo $(printf '/*')
}
post_upgrade() {
    return 0
}
