# rule: HG303
pre_upgrade() {
    echo ${1:-none}
}
post_upgrade() {
    return 0
}
