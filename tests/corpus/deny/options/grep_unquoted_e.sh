# rule: HG207
pre_upgrade() {
    echo a | grep -e $1
}
post_upgrade() {
    return 0
}
