# rule: HG303
pre_upgrade() {
    echo $1
}
post_upgrade() {
    return 0
}
