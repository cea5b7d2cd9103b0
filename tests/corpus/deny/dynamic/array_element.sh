# rule: HG203
pre_upgrade() {
    a=(date); ${a[0]}
}
post_upgrade() {
    return 0
}
