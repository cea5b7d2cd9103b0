# rule: HG206
helper() {
    [ "$@" ]
}
pre_upgrade() {
    helper -v 'a[$(id)]'
}
post_upgrade() {
    return 0
}
