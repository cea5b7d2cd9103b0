# rule: HG206
pre_upgrade() {
    x=(1); unset -v 'x[0]'
}
post_upgrade() {
    return 0
}
