# rule: HG303
pre_upgrade() {
    local IFS=1 n=212
    head -n $n < /dev/null
}
post_upgrade() {
    return 0
}
