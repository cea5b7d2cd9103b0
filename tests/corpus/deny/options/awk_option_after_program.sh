# rule: HG303
pre_upgrade() {
    awk '{ print }' -v x=1
}
post_upgrade() {
    return 0
}
