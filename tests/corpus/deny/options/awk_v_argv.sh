# rule: HG207
pre_upgrade() {
    awk -v ARGV=x '{print}'
}
post_upgrade() {
    return 0
}
