# rule: HG213
pre_upgrade() {
    cat /dev/stdin <(date)
}
post_upgrade() {
    return 0
}
