# rule: HG208
pre_upgrade() {
    awk 'BEGIN { f = "length"; print @f("x") }'
}
post_upgrade() {
    return 0
}
