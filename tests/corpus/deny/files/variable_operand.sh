# rule: HG303
pre_upgrade() {
    cat "/tmp/$1"
}
post_upgrade() {
    return 0
}
