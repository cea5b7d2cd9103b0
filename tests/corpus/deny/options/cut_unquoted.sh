# rule: HG207
pre_upgrade() {
    echo a | cut -d $1 -f 1
}
post_upgrade() {
    return 0
}
